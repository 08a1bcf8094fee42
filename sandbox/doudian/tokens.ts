import { textIn } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import type { Sandbox } from '../state.ts'
import { quote } from '../wire.ts'
import type { Shop } from '../world/model.ts'
import { issueTokens, nowSeconds } from '../world/world.ts'
import { type DoudianMethod, type DoudianResult, missing } from './call.ts'

interface Pair {
  access: string
  refresh: string
  expires: number
  refreshExpires: number
}

const DAY = 86_400
const HOUR = 3600
const pairs = keptMap<Shop, Pair>('doudian pairs')

/** The number of a shop. A self-use application belongs to one shop, and the simulator gives both the same number. */
export const shopId = ({ options }: Shop) => options.appKey

/** token/create: of a tool application with a code, of a self-use application (authorization_self) with the number of its own shop. */
export const tokenCreate: DoudianMethod = ({ sandbox, shop, body }) => {
  const grant = textIn(body, 'grant_type')
  if (grant === 'authorization_self') {
    if (textIn(body, 'code') !== '') return refused('自用型应用的code应为空')
    if (textIn(body, 'shop_id') === '') return missing('shop_id')
    return textIn(body, 'shop_id') === shopId(shop) ? answer(sandbox, shop) : refused('店铺未授权')
  }
  if (grant !== 'authorization_code') return refused('grant_type不合法')
  const code = textIn(body, 'code')
  if (sandbox.world.codes.get(code) !== shop) return expired('code-expired', '授权码已过期')
  sandbox.world.codes.delete(code)
  return answer(sandbox, shop)
}

export const tokenRefresh: DoudianMethod = ({ sandbox, shop, body }) => {
  if (textIn(body, 'grant_type') !== 'refresh_token') return refused('grant_type不合法')
  const known = pairs.get(shop)
  const isKnown = textIn(body, 'refresh_token') === known?.refresh
  if (!isKnown || known.refreshExpires <= nowSeconds(sandbox.world))
    return expired('token-expired', 'refresh_token已过期')
  return answer(sandbox, shop)
}

/** The present pair as long as more than an hour is left of it, then a new one; the old access token lives until its end. */
function answer(sandbox: Sandbox, shop: Shop): DoudianResult {
  const now = nowSeconds(sandbox.world)
  const known = pairs.get(shop)
  const isLive = known !== undefined && (sandbox.world.sessions.get(known.access)?.expires ?? 0) > now + HOUR
  const pair = isLive ? known : issue(sandbox, shop, now)
  pairs.set(shop, pair)
  const fields = [
    `"access_token":${quote(pair.access)}`,
    `"expires_in":${pair.expires - now}`,
    `"refresh_token":${quote(pair.refresh)}`,
    '"scope":"SCOPE"',
    `"shop_id":${shopId(shop)}`,
    `"shop_name":${quote(shop.options.name)}`,
    '"authority_id":""',
    '"auth_subject_type":""',
  ]
  return { data: `{${fields.join(',')}}` }
}

function issue(sandbox: Sandbox, shop: Shop, now: number): Pair {
  const life = Math.min(sandbox.tokenLife, 7 * DAY)
  const { access, refresh } = issueTokens(sandbox.world, shop, life)
  return { access, refresh, expires: now + life, refreshExpires: now + 2 * life }
}

const refused = (subMsg: string): DoudianResult => ({
  code: 50001,
  subCode: 'dop.token-generate-failed:param-invalid',
  subMsg,
})

const expired = (what: string, subMsg: string): DoudianResult => ({
  code: 50001,
  subCode: `dop.token-generate-failed:${what}`,
  subMsg,
})
