"""Jobs that run on a schedule, and jobs that repair what was missed."""
