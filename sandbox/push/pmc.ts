import { createHash } from 'node:crypto'
import type { WebSocket } from 'ws'
import { mallId } from '../pinduoduo/call.ts'
import type { Sandbox } from '../state.ts'
import { addLink, appOf, confirm, type Message, secretOf } from './books.ts'

/** Returns the client of an address /message/{client_id}/{ms}/{digest}; undefined: the login is refused. */
export function pmcClient(sandbox: Sandbox, path: string): string | undefined {
  const [, root, client = '', ms = '', digest = '', ...rest] = path.split('/').map(decodeURIComponent)
  if (root !== 'message' || rest.length > 0 || sandbox.push.faults.refuse) return undefined
  const secret = secretOf(sandbox.world, appOf('pinduoduo', client), ms)
  if (secret === undefined) return undefined
  const hex = createHash('md5').update(`${client}${ms}${secret}`).digest('hex')
  return Buffer.from(hex).toString('base64') === digest ? client : undefined
}

/** PMC's side of a websocket: JSON texts; heartbeats are answered, messages wait for their Ack. */
export function servePmc(sandbox: Sandbox, client: string, socket: WebSocket): void {
  const { push } = sandbox
  const app = appOf('pinduoduo', client)
  const leave = addLink(push, app, {
    send: (message) => {
      push.counts.sent++
      socket.send(written(message))
    },
    end: () => socket.terminate(),
  })
  socket.on('close', leave)
  socket.on('message', (data, isBinary) => {
    const text = String(data)
    const command = /"commandType":"(\w+)"/.exec(text)?.[1]
    const id = /"id":(\d+)/.exec(text)?.[1]
    const isWhole = !isBinary && isJson(text)
    if (isWhole && command === 'HeartBeat') {
      if (!push.faults.mute) socket.send(text)
    } else if (isWhole && command === 'Ack' && id !== undefined && /"type":"[^"]/.test(text)) {
      confirm(push, app, BigInt(id))
    } else {
      push.counts.broken++
      socket.terminate()
    }
  })
}

function written({ id, shop, topic, content, publishedAt }: Message): string {
  const message = `{"type":${JSON.stringify(topic)},"mallID":${mallId(shop)},"content":${JSON.stringify(content)}}`
  return `{"id":${id},"commandType":"Common","time":${publishedAt},"sendTime":${publishedAt},"message":${message}}`
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}
