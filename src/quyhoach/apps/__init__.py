"""Django applications. The portal reads releases only; it knows no database."""
