import { Type } from 'typebox'
import { addressField, secretField, valueOr } from '../credential-fields.ts'

/** A self-use application (自用型应用) belongs to one shop, whose number is needed for its tokens. */
export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: secretField('AppSecret', 'App secret'),
  shopId: Type.String({
    title: '店铺 ID',
    description: 'Shop number',
    pattern: '^\\d{1,19}$',
    maxLength: 19,
  }),
  gatewayUrl: addressField('https://openapi-fxg.jinritemai.com/', '网关地址', 'Gateway address'),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    shopId: stored.shopId ?? '',
    gatewayUrl: valueOr(stored.gatewayUrl, credentials.properties.gatewayUrl),
  }
}
