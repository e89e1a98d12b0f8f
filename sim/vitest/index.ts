/** `groundhog/vitest`: scenarios and short experiments as tests. */

export type { Plan } from '../explore/subject.ts';
export type { TestBody, TestNode, TestWorld } from '../explore/test-world.ts';
export { type Explore, type ExploreBody, type ExploreOptions, explore } from './explore.ts';
export { faultTimelines, type PlanOptions, plans, type TimelineOptions } from './plans.ts';
