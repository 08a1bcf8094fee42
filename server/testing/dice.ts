/** Makes a random generator that yields the same numbers in every run, so that a failure can be repeated. */
export function dice(seed: number) {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return {
    chance: (share: number) => next() < share,
    int: (below: number) => Math.floor(next() * below),
    pick: <Value>(values: readonly Value[]): Value => values[Math.floor(next() * values.length)] as Value,
  }
}
export type Dice = ReturnType<typeof dice>
