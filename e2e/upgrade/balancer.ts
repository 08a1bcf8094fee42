import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

type Target = { port: number; isReady: boolean; agent: Agent }

export type Balancer = {
  url: string
  /** The processes behind it. One that is added gets requests once it is ready. */
  add(port: number): void
  remove(port: number): void
  /** Waits until a process is ready, or is no longer. */
  until(port: number, isReady: boolean): Promise<void>
  close(): Promise<void>
}

const everyMs = 200

/**
 * A balancer as simple as one can be: it asks each process for `/readyz` five times a second and sends requests to those that answer 200, in turn,
 * over connections that it keeps. It sends a request to another process only if the connection to the first was refused, so that nothing of it
 * can have arrived there. Every other failure is a 502 for the client.
 */
export async function startBalancer(port: number): Promise<Balancer> {
  const targets: Target[] = []
  const watching = new AbortController()
  let turn = 0
  const next = (tried: readonly Target[]) => {
    const ready = targets.filter((one) => one.isReady && !tried.includes(one))
    turn += 1
    return ready[turn % ready.length]
  }
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming)
    const tried: Target[] = []
    for (let target = next(tried); target; target = next(tried)) {
      tried.push(target)
      if (await passed(target, incoming, body, outgoing)) return
    }
    outgoing.writeHead(503).end('no process is ready')
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((settle) => server.listen(port, '127.0.0.1', settle))
  const watched = watch(targets, watching.signal)
  const stateOf = (wanted: number) => targets.find((one) => one.port === wanted)?.isReady ?? false
  return {
    url: `http://127.0.0.1:${port}`,
    add: (added) => void targets.push({ port: added, isReady: false, agent: new Agent({ keepAlive: true }) }),
    remove(removed) {
      const at = targets.findIndex((one) => one.port === removed)
      for (const { agent } of at < 0 ? [] : targets.splice(at, 1)) agent.destroy()
    },
    async until(wanted, isReady) {
      for (const deadline = Date.now() + 60_000; stateOf(wanted) !== isReady; await sleep(20))
        if (Date.now() > deadline)
          throw new Error(`${wanted} does not become ${isReady ? 'ready' : 'unready'}`)
    },
    async close() {
      watching.abort()
      await watched
      for (const { agent } of targets) agent.destroy()
      server.closeAllConnections()
      await new Promise((settle) => server.close(settle))
    },
  }
}

/** Sends a request on. False: the connection was refused, and nothing was sent. */
function passed(
  { port, agent }: Target,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): Promise<boolean> {
  const { method, url, headers } = incoming
  return new Promise((settle) => {
    const { connection: _connection, ...kept } = headers
    const sent = send({ port, host: '127.0.0.1', method, path: url, headers: kept, agent }, (answer) => {
      const { connection: _closed, 'keep-alive': _alive, ...answered } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, answered)
      answer.pipe(outgoing)
      answer.once('end', () => settle(true))
      answer.once('error', () => settle(true))
    })
    sent.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return settle(false)
      if (!outgoing.headersSent) outgoing.writeHead(502).end(`${port}: ${error.code ?? error.message}`)
      else outgoing.destroy()
      settle(true)
    })
    sent.end(body)
  })
}

async function watch(targets: readonly Target[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await Promise.all(
      targets.map(async (target) => {
        const answer = await fetch(`http://127.0.0.1:${target.port}/readyz`, {
          signal: AbortSignal.timeout(2000),
        }).catch(() => undefined)
        await answer?.body?.cancel()
        target.isReady = answer?.status === 200
      }),
    )
    await sleep(everyMs)
  }
}
