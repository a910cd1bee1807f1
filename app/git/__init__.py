"""Git on this machine: `repository` reads a repository without obeying it, `fetching` fetches commits into a bare folder of ours."""
