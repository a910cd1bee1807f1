"""The council as MCP tools: `local.py` for the repository on this machine, `hosted.py` for the repository of an API token."""
