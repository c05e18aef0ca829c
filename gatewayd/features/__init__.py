"""The catalogue of features: their names, parameters and units, and what is known about machines and bearings. Pure."""
