import type { Say } from '../../words.ts'

/** A wave that a person made of chosen parcels has no rule. */
export const ruleNameOf = ({ ruleName }: { ruleName: string }, say: Say): string =>
  ruleName || say(['手工建的', 'Made by hand'])
