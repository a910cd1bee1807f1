"""Git on this machine: `repository` reads one without obeying it, `fetching` brings commits of a remote into a bare folder of ours."""
