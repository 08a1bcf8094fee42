import { readFile } from 'node:fs/promises'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { connectorFor } from '../connectors/index.ts'
import type { RelayedSource } from '../connectors/relayed.ts'
import { StartError } from '../lib/stopping.ts'
import { withheldParts } from '../shops/contract.ts'
import { checkCredentials } from '../shops/credentials.ts'
import { isSecret } from '../shops/secrets.ts'
import { isThisMachine } from '../wire/public-address.ts'

const file = Type.Object(
  {
    /** The address of the core: its PUBLIC_URL. */
    core: Type.String(),
    key: Type.String({ pattern: '^sk_[A-Za-z0-9_-]{20,100}$' }),
    apps: Type.Array(
      Type.Object(
        {
          platform: Type.String(),
          credentials: Type.Record(Type.String(), Type.String()),
          withhold: Type.Optional(withheldParts),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
)

/** An app whose calls the relay signs. */
export type RelayApp = {
  platform: string
  connector: NonNullable<ReturnType<typeof connectorFor>> & { relayed: RelayedSource }
  credentials: Record<string, string>
  withhold: Static<typeof withheldParts>
}

export type RelaySettings = { core: string; key: string; apps: readonly RelayApp[] }

type Places = { simulator: boolean; platformHosts: readonly string[] }

/** Reads `relay.json`. @throws {StartError} that names the fault and quotes no secret. */
export async function readSettings(path: string, places: Places): Promise<RelaySettings> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw wrong(path, `读不了（${error.code}）`, `it cannot be read (${error.code})`)
  })
  const read = parsed(text)
  if (!Value.Check(file, read)) {
    const [first] = read === undefined ? [] : Value.Errors(file, read)
    const place = first ? first.instancePath || '/' : ''
    throw wrong(path, place ? `${place} 不对` : '不是 JSON', place ? `${place} is wrong` : 'it is no JSON')
  }
  const { core, key, apps } = read
  const isOpen = URL.canParse(core) && places.simulator && isThisMachine(new URL(core))
  if (!URL.canParse(core) || (new URL(core).protocol !== 'https:' && !isOpen))
    throw wrong(path, 'core 要以 https:// 开头', 'core must begin with https://')
  return { core: core.replace(/\/+$/, ''), key, apps: apps.map((app) => appOf(path, app, places)) }
}

function appOf(path: string, app: Static<typeof file>['apps'][number], places: Places): RelayApp {
  const { platform, credentials, withhold = [] } = app
  const connector = connectorFor(platform)
  const relayed = connector?.relayed
  if (!connector || !relayed)
    throw wrong(path, `${platform} 不能经中继接入`, `${platform} cannot be called through a relay`)
  try {
    const { values } = checkCredentials(connector, {}, credentials, places)
    return { platform, connector: { ...connector, relayed }, credentials: values, withhold }
  } catch (error) {
    const words = error instanceof Error ? error.message : ''
    throw wrong(path, `${platform}：${words}`, `${platform}: ${words}`)
  }
}

/** Returns the app that these credentials name: the first whose fields that are no secret, address or choice are the same. */
export function appFor(
  apps: readonly RelayApp[],
  platform: string,
  named: Readonly<Record<string, string>>,
): RelayApp | undefined {
  return apps.find(
    (app) =>
      app.platform === platform && identifying(app).every((field) => app.credentials[field] === named[field]),
  )
}

function identifying({ connector }: RelayApp): string[] {
  return Object.entries(connector.credentials.properties).flatMap(([field, schema]) =>
    isSecret(connector, field) || 'default' in schema ? [] : [field],
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const wrong = (path: string, zh: string, en: string) =>
  new StartError(`中继的设置 ${path}：${zh}。\nThe settings of the relay, ${path}: ${en}.`)
