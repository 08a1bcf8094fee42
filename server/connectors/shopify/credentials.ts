import { Type } from 'typebox'
import { optionalSecret, secretField } from '../credential-fields.ts'

/** Every shop is a host of its own, so its address is checked by its shape. Plain http is for a simulator on this machine. */
const shopAddress =
  '^(https://[a-z0-9][a-z0-9-]*\\.myshopify\\.com|http://(127\\.0\\.0\\.1|localhost):\\d+)/?$'

/**
 * An app of the merchant's own, with a client id and a secret for which tokens of a day are issued. A custom app from before 2026 has a token without an end in place
 * of the secret.
 */
export const credentials = Type.Object({
  shopUrl: Type.String({
    title: '店铺地址（https://….myshopify.com）',
    description: 'Address of the shop (https://….myshopify.com)',
    pattern: shopAddress,
    maxLength: 100,
    site: true,
  }),
  clientId: Type.String({
    title: 'Client ID（旧的自定义应用填 API key）',
    description: 'Client ID; of an older custom app its API key',
    pattern: '^[\\w-]{8,64}$',
  }),
  clientSecret: secretField(
    'Client secret（旧的自定义应用填 shpat_ 开头的访问令牌）',
    'Client secret; of an older custom app its access token, shpat_…',
  ),
  pushKey: optionalSecret(
    'Webhook 密钥（旧的自定义应用填 API secret key，其他不填）',
    'Secret of the webhooks: API secret key of an older custom app, else empty',
  ),
  locationId: Type.String({
    title: '库存地点编号（只有一个地点时填 0）',
    description: 'Number of the location whose stock is set; 0 where there is only one',
    default: '0',
    pattern: '^\\d{1,19}$',
    setting: true,
  }),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  const clientSecret = stored.clientSecret ?? ''
  const hasToken = /^shp(at|ca|pa)_/.test(clientSecret)
  return {
    shopUrl: (stored.shopUrl ?? '').replace(/\/+$/, ''),
    clientId: stored.clientId ?? '',
    clientSecret,
    /** A token that no call renews; empty: tokens are issued. */
    fixedToken: hasToken ? clientSecret : '',
    pushKey: stored.pushKey || (hasToken ? '' : clientSecret),
    locationId: stored.locationId ?? '0',
  }
}

/** Amounts are kept in 分 of this currency. */
export const currency = 'CNY'
