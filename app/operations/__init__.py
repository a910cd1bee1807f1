"""What an operator does with an instance: backup, key rotation, migration, status."""
