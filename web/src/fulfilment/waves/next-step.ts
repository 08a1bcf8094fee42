import type { Wave } from './types.ts'

export type NextStep = 'claim' | 'takeOver' | 'pick' | 'sort' | 'handOver'

/** Returns the one next step of a wave for this user; undefined: there is none. `unsorted`: pieces that wait to be sorted, if they are counted. */
export function nextStepOf(
  { status, sorting, claimedById }: Pick<Wave, 'status' | 'sorting' | 'claimedById'>,
  userId: string | undefined,
  unsorted?: number,
): NextStep | undefined {
  if (status === 'open') return 'claim'
  if (status === 'picking') return claimedById === userId ? 'pick' : 'takeOver'
  if (status !== 'picked' && status !== 'sorting') return undefined
  return sorting === 'after' && unsorted !== 0 ? 'sort' : 'handOver'
}
