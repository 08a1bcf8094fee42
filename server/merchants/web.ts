import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { slowest } from '../app.ts'
import { openHttps } from '../core/https/https.ts'
import { repeat } from '../core/jobs/engine.ts'
import { exitWithStartError, whenAskedToStop } from '../lib/stopping.ts'
import { begin } from './begin.ts'
import { openHosts } from './hosts.ts'

// The web process of many merchants.

const lookMs = 1000

const begun = await begin('web')
const { directory, config, log, stopping } = begun
const { signal } = stopping
const https = await openHttps(config, log).catch(exitWithStartError)
const hosts = openHosts(begun)
await hosts.look()
const looking = repeat(log, { name: 'directory', signal, everyMs: lookMs }, () => hosts.look())

const answer = (request: IncomingMessage, response: ServerResponse) => {
  if (isHealth(request)) return health(response)
  hosts.answer(request, response).catch((error: unknown) => {
    log.error({ err: error }, 'a request could not be given to its merchant')
    response.destroy()
  })
}
const server = https ? https.serverWith(slowest)(answer) : createServer(slowest, answer)
server.requestTimeout = slowest.requestTimeout

/** A balancer asks this process by its address, which is no merchant's host name. */
function isHealth({ url, headers }: IncomingMessage): boolean {
  const host = headers.host ?? ''
  return /^\/(healthz|readyz)$/.test(url ?? '') && /^(\d+\.\d+\.\d+\.\d+|\[.*\]|localhost)(:\d+)?$/.test(host)
}

function health(response: ServerResponse): void {
  const ok = hosts.isReady() && !signal.aborted
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ ok }))
}

whenAskedToStop(async (why, code) => {
  log.info({ why, drainMs: config.drainMs }, 'stopping')
  stopping.abort()
  await sleep(config.drainMs)
  https?.stop()
  server.close()
  server.closeIdleConnections()
  await hosts.close()
  await Promise.all([looking, begun.following])
  await directory.close()
  process.exit(code)
}, config.drainMs)

server.listen({ port: config.port, host: config.host }, () => {
  log.info('serving')
  process.send?.('working')
})
