import { setTimeout as sleep } from 'node:timers/promises'
import { type Running, repeat } from '../core/jobs/engine.ts'
import { type DeliveryParts, startDeliveries } from './deliver.ts'

const everyMs = 500

/** Sends webhooks until stopped: it looks twice a second, and at once again while there is more. Workers share the work by claims. */
export function startWebhooks(parts: Omit<DeliveryParts, 'signal'>): Running {
  const stopping = new AbortController()
  const { signal } = stopping
  const deliveries = startDeliveries({ ...parts, signal })
  const sending = repeat(parts.log, { name: 'webhooks', signal, everyMs }, async () => {
    while (!signal.aborted && (await deliveries.turn()) > 0) await shortly(deliveries.oneSettled(), signal)
  })
  return {
    async stop() {
      stopping.abort()
      await sending
      await deliveries.settled()
    },
  }
}

/** Waits for `settled`, at most as long as between two looks. The timer ends with the wait. */
async function shortly(settled: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const timer = sleep(everyMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => {})
  await Promise.race([settled, timer])
  over.abort()
}
