import { type Running, repeat, workerName } from '../../core/jobs/engine.ts'
import { secondMs } from '../../lib/time.ts'
import { type NoticeParts, noticeTurn } from './turn.ts'

type LoopParts = Omit<NoticeParts, 'worker' | 'restMs'> & {
  /**
   * True in the web process: it takes a turn only if no worker had one for 45 s, so that a worker that is gone is reported too.
   */
  standsIn?: boolean
}

const everyMs = 15 * secondMs

/** Looks at the alarms every 15 s and sends them, until stopped. One process does so at a time. */
export function startNotices({ standsIn = false, ...parts }: LoopParts): Running {
  const stopping = new AbortController()
  const worker = workerName()
  const restMs = standsIn ? 3 * everyMs : everyMs / 2
  const sending = repeat(parts.log, { name: 'alarm notices', signal: stopping.signal, everyMs }, () =>
    noticeTurn({ ...parts, worker, restMs }),
  )
  return {
    async stop() {
      stopping.abort()
      await sending
    },
  }
}
