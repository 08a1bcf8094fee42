import { Type } from 'typebox'
import { type SignMethod, signMethods } from '../../wire/sign.ts'
import { addressField, secretField, socketField, valueOr } from '../credential-fields.ts'

export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: secretField('App Secret', 'App secret'),
  signMethod: Type.Union(
    signMethods.map((method) => Type.Literal(method)),
    { title: '签名方法', description: 'Signature method', default: 'hmac-sha256' },
  ),
  gatewayUrl: addressField('https://gw.api.taobao.com/router/rest', '网关地址', 'Gateway address'),
  authorizeUrl: addressField('https://oauth.taobao.com/authorize', '授权地址', 'Authorisation address'),
  tokenUrl: addressField('https://oauth.taobao.com/token', '令牌地址', 'Token address'),
  /** TMC offers ws without encryption only. An address with wss needs a tunnel of one's own. */
  pushUrl: socketField('ws://mc.api.taobao.com/', '消息推送地址', 'Push address'),
})

export type TaobaoApp = {
  appKey: string
  appSecret: string
  signMethod: SignMethod
  gatewayUrl: string
  authorizeUrl: string
  tokenUrl: string
  pushUrl: string
}

export function appOf(stored: Readonly<Record<string, string>>): TaobaoApp {
  const { properties } = credentials
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    signMethod: signMethods.find((method) => method === stored.signMethod) ?? 'hmac-sha256',
    gatewayUrl: valueOr(stored.gatewayUrl, properties.gatewayUrl),
    authorizeUrl: valueOr(stored.authorizeUrl, properties.authorizeUrl),
    tokenUrl: valueOr(stored.tokenUrl, properties.tokenUrl),
    pushUrl: valueOr(stored.pushUrl, properties.pushUrl),
  }
}
