"""Who exists: creators, providers, models, endpoints and their dated prices, with importers."""
