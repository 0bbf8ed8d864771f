"""What the adapters have in common that several nodes write to at once: rules and memory, no database."""
