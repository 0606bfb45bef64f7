"""Where do they stand? Tests of the stages chapter."""
