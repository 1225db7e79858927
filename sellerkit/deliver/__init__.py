"""Pages go to where others see them, and what is new is told; connections only where asked for."""
