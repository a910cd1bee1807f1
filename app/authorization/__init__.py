"""Who may do what: access to repositories, API tokens, and the limits per person and per plan."""
