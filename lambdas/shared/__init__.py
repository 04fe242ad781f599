"""What the functions share. It runs on Lambda with boto3 and the function's own few dependencies, nothing else."""
