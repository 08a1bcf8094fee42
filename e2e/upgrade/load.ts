import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from '../../server/testing/app.ts'

export type Load = {
  /** Requests that were not answered with 200, and those that had no answer. */
  failures: string[]
  /** The number of answers. */
  answered: number
  slowestMs: number
  /** How often the urgency of each order was changed with an answer. */
  changed: Map<string, number>
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Reads and writes without a pause but a few milliseconds. Each caller changes an order of its own. */
export function startLoad(callers: readonly { caller: Caller; orderId: string }[], pauseMs: number): Load {
  const over = new AbortController()
  const load: Load = {
    ...{ failures: [], answered: 0, slowestMs: 0, changed: new Map() },
    async stop() {
      over.abort()
      await running
    },
    [Symbol.asyncDispose]: () => load.stop(),
  }
  const ask = async (caller: Caller, method: string, path: string, body?: unknown) => {
    const began = performance.now()
    const answer = await caller.call(method, path, body).catch((error: Error) => {
      load.failures.push(`${method} ${path}: ${error.message} ${String(error.cause)}`)
    })
    load.slowestMs = Math.max(load.slowestMs, performance.now() - began)
    if (!answer) return undefined
    load.answered += 1
    if (answer.status === 200) return JSON.stringify(answer.body)
    load.failures.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return undefined
  }
  const client = async ({ caller, orderId }: { caller: Caller; orderId: string }) => {
    for (let urgent = true; !over.signal.aborted; urgent = !urgent) {
      await ask(caller, 'GET', '/api/orders?limit=20')
      const done = await ask(caller, 'POST', '/api/orders/urgent', { ids: [orderId], urgent })
      if (done?.includes('"done"')) load.changed.set(orderId, (load.changed.get(orderId) ?? 0) + 1)
      await ask(caller, 'GET', '/api/orders/counts')
      await ask(caller, 'GET', `/api/orders/${orderId}`)
      await sleep(pauseMs)
    }
  }
  const running = Promise.all(callers.map(client)).then(() => {})
  return load
}
