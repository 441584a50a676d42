import { placementIsWithinBounds } from '../../suites/placement-bounds.ts';

placementIsWithinBounds(24);
