"""`cppp new-service`: makes a service from the template in `templates/`."""
