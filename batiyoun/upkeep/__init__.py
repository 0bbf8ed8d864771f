"""What an administrator does beside serving: look for trouble, back up, restore."""
