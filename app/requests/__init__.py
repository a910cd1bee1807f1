"""What people ask for on a page, over the HTTP API or over MCP. Comments come in through webhooks."""
