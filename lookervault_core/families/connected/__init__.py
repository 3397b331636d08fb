"""What is connected with an instance: applications that sign in with it, integrations."""
