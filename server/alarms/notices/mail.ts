import { connect, type Socket } from 'node:net'
import { assertPublicHost, isThisMachine, publicOnly } from '../../wire/public-address.ts'
import { scrub } from '../../wire/scrub.ts'
import type { Message } from './message.ts'
import { refusedBy, type SendFailure, unreachable } from './send-failure.ts'

/** `html`: the same in HTML. `stop`: the address that ends mails of this kind, to which a POST of one click may go (RFC 8058). */
type MailMessage = Message & { html?: string; stop?: string }
type Mail = { credentials: Readonly<Record<string, string>>; message: MailMessage; simulator: boolean }

/**
 * Sends a mail in plain text, and with the same in HTML if there is any. The connection is TLS from the first byte on port 465 and by
 * STARTTLS on any other; a server on this machine, which only a simulator's installation may have, gets plain text. The library is loaded with
 * the first mail. `withinMs`: for each answer of the server; a mail that is not taken within twice this time is given up.
 */
export async function mailTo({ credentials, message, simulator }: Mail, withinMs: number): Promise<void> {
  const { host = '', port = '465', user, password, from, to = '' } = credentials
  const isPlain = simulator && isThisMachine(new URL(`http://${host}`))
  // The library limits each silence, and no server that answers slowly to each command.
  let used: Socket | undefined
  const late = setTimeout(() => used?.destroy(unreachable), 2 * withinMs)
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    ...{
      host,
      port: Number(port),
      secure: !isPlain && port === '465',
      requireTLS: !isPlain,
      ignoreTLS: isPlain,
    },
    ...{ connectionTimeout: withinMs, greetingTimeout: withinMs, socketTimeout: withinMs },
    ...(user ? { auth: { user, pass: password ?? '' } } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_options, done) => {
      connected({ host, port: Number(port), isPlain, withinMs }).then(
        (connection) => {
          used = connection
          done(null, { connection })
        },
        (error: Error) => done(error),
      )
    },
  })
  const mail = { from, to: to.split(/[,，;；]/).map((each) => each.trim()) }
  const { title, text, html, stop } = message
  const headers: Record<string, string> =
    stop === undefined
      ? {}
      : { 'List-Unsubscribe': `<${stop}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
  try {
    await transport.sendMail({ ...mail, subject: title, text, ...(html ? { html } : {}), headers })
  } catch (error) {
    throw mailFailure(error, [password ?? ''])
  } finally {
    clearTimeout(late)
    transport.close()
  }
}

type Place = { host: string; port: number; isPlain: boolean; withinMs: number }

/** Connects by ourselves, because the library knows no refused addresses. */
async function connected({ host, port, isPlain, withinMs }: Place): Promise<Socket> {
  if (!isPlain) assertPublicHost(host)
  const socket = connect({ host, port, ...(isPlain ? {} : { lookup: publicOnly }) })
  await new Promise<void>((settle, fail) => {
    const late = () => fail(unreachable)
    socket.setTimeout(withinMs, late)
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.setTimeout(0)
      settle()
    })
  }).catch((error: unknown) => {
    socket.destroy()
    throw error
  })
  return socket
}

/** The server's own answer is shown; every failure of the connection has the same words, so that they reveal nothing of our network. */
function mailFailure(error: unknown, secrets: readonly string[]): SendFailure {
  const answer = error instanceof Error && 'response' in error ? error.response : undefined
  return typeof answer === 'string' && answer !== '' ? refusedBy(scrub(answer, secrets)) : unreachable
}
