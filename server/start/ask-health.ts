import { request as askPlain } from 'node:http'
import { request as askSafely } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Config } from '../config.ts'
import { secondMs } from '../lib/time.ts'

/**
 * Asks the web process of this machine whether it is well (`/healthz`) or ready for requests (`/readyz`). Returns '' if it is, otherwise its
 * words, or why it is silent.
 */
export function askHealth(
  { port, host, tls }: Pick<Config, 'port' | 'host' | 'tls'>,
  path: '/healthz' | '/readyz' = '/healthz',
): Promise<string> {
  const to = { port, host: host === '0.0.0.0' ? '127.0.0.1' : host, path, timeout: 5 * secondMs }
  return new Promise((settle) => {
    // The certificate is for the public name, and this question stays on the machine.
    const asked = tls ? askSafely({ ...to, rejectUnauthorized: false }) : askPlain(to)
    asked.once('timeout', () => asked.destroy(new Error('timeout')))
    asked.once('error', (error) => settle(error.message))
    asked.once('response', async (answer) => {
      const said = await text(answer).catch(String)
      settle(answer.statusCode === 200 ? '' : `${answer.statusCode} ${said.slice(0, 200)}`)
    })
    asked.end()
  })
}
