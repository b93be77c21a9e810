"""What people reach for first, each by a workflow that flowbind ships."""
