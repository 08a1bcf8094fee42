import type { Logger } from 'pino'
import { channelsOn, openCredentials } from '../alarms/notices/channels.ts'
import { mailTo } from '../alarms/notices/mail.ts'
import { sendMessage } from '../alarms/notices/send.ts'
import type { Database } from '../core/db/db.ts'
import { sharedNow } from '../lib/clock.ts'
import type { KeyRing } from '../lib/seal.ts'
import { secondMs } from '../lib/time.ts'
import { kindOfRobot } from './robot-rules.ts'

export type MailParts = { db: Database; ring: KeyRing; publicUrl: string; simulator: boolean; log: Logger }

const withinMs = 20 * secondMs

type ChannelRow = Awaited<ReturnType<typeof channelsOn>>[number]

const isRobot = ({ kind }: Pick<ChannelRow, 'kind'>) => Object.hasOwn(kindOfRobot, kind)

/** Returns the robots of group chats that are on. A subscription may go to any of them. */
export const robotsOn = async (db: Database): Promise<Pick<ChannelRow, 'id' | 'kind' | 'name'>[]> =>
  (await channelsOn(db)).filter(isRobot).map(({ id, kind, name }) => ({ id, kind, name }))

type Texts = {
  mail: () => Parameters<typeof mailTo>[0]['message']
  /** The title and the lines below it. */
  robot: () => { title: string; lines: string[] }
}

/**
 * Sends a message to the user's address through the first mail channel of the alarms, or to the robot of a group chat. Returns why it could
 * not be sent; empty: it was sent. @throws {SendFailure} if the receiver did not take it.
 */
export async function deliver(
  { db, ring, publicUrl, simulator }: MailParts,
  { email, channelId }: { email: string; channelId: string | null },
  texts: Texts,
): Promise<string> {
  const channels = await channelsOn(db)
  if (channelId === null) {
    const channel = channels.find(({ kind }) => kind === 'mail')
    if (channel === undefined) return 'no_mail_channel'
    const credentials = { ...openCredentials(ring, channel), to: email }
    await mailTo({ credentials, message: texts.mail(), simulator }, withinMs)
    return ''
  }
  const channel = channels.find((one) => one.id === channelId && isRobot(one))
  if (channel === undefined) return 'no_robot'
  const { kind } = channel
  const credentials = openCredentials(ring, channel)
  const { title, lines } = texts.robot()
  // A robot of 钉钉 that checks no signature takes only messages with its keyword, which is that of the alarms.
  const needed = kind === 'dingtalk' && !credentials['secret'] && !title.includes('告警')
  const text = [title, ...lines, ...(needed ? ['（三易告警）'] : [])].join('\n')
  await sendMessage({
    ...{ kind, credentials, message: { title, text }, notices: [], now: sharedNow(), publicUrl, simulator },
  })
  return ''
}

/** Returns the address in a mail that ends its subscription or threshold (stop-routes.ts). */
export const stopLink = (publicUrl: string, word: string): string =>
  `${publicUrl}/api/report-subscriptions/stop?word=${word}`

const longestName = 40

/** Returns a name as it may be in a message: on one line, not too long, and without the brackets by which 飞书 mentions people. */
export function plainName(name: string): string {
  const plain = name.replaceAll(/[<>\s]+/g, ' ').trim()
  return plain.length > longestName ? `${plain.slice(0, longestName - 1)}…` : plain
}
