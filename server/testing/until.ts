import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until a condition holds. Throws after `timeoutMs`. */
export async function until(holds: () => Promise<boolean> | boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come about in time.')
    await sleep(15)
  }
}
