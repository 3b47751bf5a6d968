"""Every sentence that a reader of a report sees, made from its numbers."""
