import { isIP } from 'node:net'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import { checkCredentials, type Places } from '../../shops/credentials.ts'
import { isSecret } from '../../shops/secrets.ts'
import { kindOfChannel } from './channel-kinds.ts'
import {
  allChannels,
  type ChannelRow,
  channelsById,
  deleteChannel,
  insertChannel,
  lockChannel,
  updateChannel,
  writeResults,
} from './channel-queries.ts'
import type { ChannelChange, ChannelInput } from './contract.ts'
import { testMessage } from './message.ts'
import { sendMessage } from './send.ts'
import { failureWords } from './send-failure.ts'

/** The word to which the credentials of channels are sealed; they belong to no shop. */
const sealedFor = 'alarm_channel'

export type ChannelPlaces = { ring: KeyRing; publicUrl: string } & Places

/**
 * Adds a channel. Throws `invalid_input` for credentials that its kind does not take, and `outside_scope` unless the actor sees all shops
 * and warehouses, because a channel gets the alarms of all.
 */
export async function addChannel(
  tx: Tx,
  places: ChannelPlaces,
  input: ChannelInput,
  { actor, scope }: By,
): Promise<string> {
  assertWholeScope({ actor, scope })
  const { values, changed } = checked(input.kind, {}, input.credentials, places)
  const row = { ...settingsOf(input), kind: input.kind, credentials: sealed(places.ring, values) }
  const id = await insertChannel(tx, row, actor.name)
  await audit(tx, {
    ...{ actor, action: 'alarm_channel.create', subject: { type: 'alarm_channel', id } },
    detail: { name: input.name, kind: input.kind, fields: changed },
  })
  return id
}

/** Changes a channel. Secrets that are left out stay. */
export async function changeChannel(
  tx: Tx,
  places: ChannelPlaces,
  { id, change }: { id: string; change: ChannelChange },
  { actor, scope }: By,
): Promise<void> {
  const channel = await lockOwn(tx, id, { actor, scope })
  const kept = openCredentials(places.ring, channel)
  const { values, changed } = checked(
    channel.kind,
    kept,
    change.credentials ?? withoutSecrets(channel.kind, kept),
    places,
  )
  await updateChannel(tx, id, { ...settingsOf(change), credentials: sealed(places.ring, values) })
  await audit(tx, {
    ...{ actor, action: 'alarm_channel.change', subject: { type: 'alarm_channel', id } },
    detail: { name: change.name, enabled: change.enabled, fields: changed },
  })
}

export async function removeChannel(tx: Tx, id: string, { actor, scope }: By): Promise<void> {
  const { name, kind } = await lockOwn(tx, id, { actor, scope })
  await deleteChannel(tx, id)
  await audit(tx, {
    ...{ actor, action: 'alarm_channel.remove', subject: { type: 'alarm_channel', id } },
    detail: { name, kind },
  })
}

/** Sends a test message now, also in quiet hours and to a channel that is off. Returns why it was not taken; null: it was. */
export async function testChannel(
  db: Database,
  { ring, publicUrl, simulator = false }: ChannelPlaces,
  id: string,
  { actor, scope }: By,
): Promise<LocalizedText | null> {
  assertWholeScope({ actor, scope })
  const [channel] = await channelsById(db, [id])
  if (!channel) throw new AppError('not_found', { what })
  const { kind, name, language } = channel
  const message = testMessage(language, { name, publicUrl })
  const failure = await sendMessage({
    ...{ kind, credentials: openCredentials(ring, channel), message, notices: [] },
    ...{ now: sharedNow(), publicUrl, simulator },
  }).then(() => null, failureWords)
  await db.transaction().execute(async (tx) => {
    await writeResults(tx, [{ channelId: id, failure, waitMs: 0 }])
    await audit(tx, {
      ...{ actor, action: 'alarm_channel.test', subject: { type: 'alarm_channel', id } },
      detail: { name, sent: failure === null },
    })
  })
  return failure
}

/** Returns the channels that are on, and since when and why each fails. */
export async function channelsOn(db: Database): Promise<ChannelRow[]> {
  return (await allChannels(db)).filter(({ enabled }) => enabled)
}

export const openCredentials = (
  ring: KeyRing,
  { credentials }: Pick<ChannelRow, 'credentials'>,
): Record<string, string> => JSON.parse(unseal(ring, sealedFor, credentials).toString('utf8'))

/** Returns the stored fields, the values without secrets, and the place by which channels of one kind differ. */
export function shownPlace(ring: KeyRing, channel: Pick<ChannelRow, 'kind' | 'credentials'>) {
  const stored = openCredentials(ring, channel)
  const { address = '', to = '' } = stored
  return {
    place: channel.kind === 'mail' ? to : URL.canParse(address) ? new URL(address).host : '',
    credentials: { set: Object.keys(stored), values: withoutSecrets(channel.kind, stored) },
  }
}

const sealed = (ring: KeyRing, values: Record<string, string>) =>
  seal(ring, sealedFor, JSON.stringify(values))

function withoutSecrets(kind: ChannelRow['kind'], stored: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(stored).filter(([field]) => !isSecret(kindOfChannel[kind], field)))
}

function settingsOf({ quiet, ...input }: Omit<ChannelChange, 'credentials'>) {
  if (quiet && quiet.from === quiet.to)
    throw invalid('quiet', '免打扰的开始和结束不能相同', 'quiet hours begin and end at different times')
  const { name, kinds, leastTone, sendsEnd, language, enabled } = input
  return {
    ...{ name, kinds, leastTone, sendsEnd, language, enabled },
    ...{
      quietFrom: quiet?.from ?? null,
      quietTo: quiet?.to ?? null,
      quietPassesBad: quiet?.passesBad ?? true,
    },
  }
}

/**
 * Checks typed credentials as those of shops are checked: only https, no address with a port or of a private network. The address of a robot
 * also has to be one of its platform, or of PLATFORM_HOSTS.
 */
function checked(
  kind: ChannelRow['kind'],
  stored: Record<string, string>,
  typed: Record<string, string>,
  places: Places,
) {
  const found = checkCredentials(kindOfChannel[kind], stored, typed, places)
  const { hosts } = kindOfChannel[kind]
  const { address, host } = found.values
  if (host !== undefined && isIP(host) !== 0 && !places.simulator)
    throw invalid('credentials.host', '要填服务器的域名', 'enter the name of the server')
  if (!hosts || address === undefined) return found
  const { hostname, protocol } = new URL(address)
  const allowed = [...hosts, ...(places.platformHosts ?? [])]
  if (protocol === 'https:' && !allowed.some((each) => hostname === each || hostname.endsWith(`.${each}`)))
    throw invalid(
      'credentials.address',
      `${hostname} 不是${kindOfChannel[kind].name.zh}的地址；私有部署的，请管理员设 PLATFORM_HOSTS`,
      `${hostname} is no address of a ${kindOfChannel[kind].name.en}; PLATFORM_HOSTS names the host of an own one`,
    )
  return found
}

async function lockOwn(tx: Tx, id: string, by: By): Promise<ChannelRow> {
  assertWholeScope(by)
  const channel = await lockChannel(tx, id)
  if (!channel) throw new AppError('not_found', { what })
  return channel
}

export const isWholeScope = ({ shops, warehouses }: By['scope']) => shops === 'all' && warehouses === 'all'

export function assertWholeScope({ scope }: Pick<By, 'scope'> & Partial<By>): void {
  if (!isWholeScope(scope)) throw new AppError('outside_scope')
}

const invalid = (field: string, zh: string, en: string) =>
  new AppError('invalid_input', { detail: { zh, en } }, field)
const what = { zh: '告警通知', en: 'Alarm channel' }
