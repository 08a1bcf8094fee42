import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export type Mail = { from: string; to: string[]; signedIn: string; text: string }

/** A mail server that takes mail in plain text from users who sign in as `robot`. `refuses`: its answer to a recipient. `slowMs`: the time of each answer. */
export async function mailServer() {
  const mails: Mail[] = []
  const state = { refuses: '', connections: 0, slowMs: 0 }
  const server = createServer((socket) => {
    state.connections += 1
    void speak(socket, mails, state)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    mails,
    state,
    port: String(Object(server.address()).port),
    async [Symbol.asyncDispose]() {
      await new Promise((closed) => server.close(closed))
    },
  }
}

type State = { refuses: string; slowMs: number }

async function speak(socket: Socket, mails: Mail[], state: State): Promise<void> {
  const say = (line: string) => void socket.write(`${line}\r\n`)
  const mail: Mail = { from: '', to: [], signedIn: '', text: '' }
  let inData = false
  socket.on('error', () => {})
  say('220 mail.test ready')
  for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (state.slowMs > 0 && !inData) await sleep(state.slowMs)
    const [, address = ''] = /<([^>]*)>/.exec(line) ?? []
    if (inData && line === '.') {
      inData = false
      mails.push({ ...mail })
      say('250 taken')
    } else if (inData) mail.text += `${line}\n`
    else if (/^EHLO/i.test(line)) socket.write('250-mail.test\r\n250 AUTH PLAIN\r\n')
    else if (/^AUTH PLAIN /i.test(line)) {
      mail.signedIn = Buffer.from(line.slice(11), 'base64').toString('utf8').replaceAll('\0', '|')
      say('235 signed in')
    } else if (/^MAIL FROM/i.test(line)) {
      mail.from = address
      say('250 ok')
    } else if (/^RCPT TO/i.test(line)) {
      mail.to.push(address)
      say(state.refuses || '250 ok')
    } else if (/^DATA/i.test(line)) {
      inData = true
      say('354 go on')
    } else if (/^QUIT/i.test(line)) {
      say('221 bye')
      socket.end()
    } else say('502 unknown')
  }
}
