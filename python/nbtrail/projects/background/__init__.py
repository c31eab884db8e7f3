"""What is executed in the background: jobs, the supervisor that works them off, schedules."""
