import { Type } from 'typebox'
import { type SignMethod, signMethods } from './sign.ts'

const address = (url: string, zh: string, en: string) =>
  Type.String({ title: zh, description: en, default: url, pattern: '^https?://', maxLength: 300 })

/** What a Taobao or Tmall shop is connected with. The addresses may point at a simulator. */
export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: Type.String({
    title: 'App Secret',
    description: 'App secret',
    minLength: 1,
    maxLength: 200,
    secret: true,
  }),
  signMethod: Type.Union(
    signMethods.map((method) => Type.Literal(method)),
    { title: '签名方法', description: 'Signature method', default: 'hmac-sha256' },
  ),
  gatewayUrl: address('https://gw.api.taobao.com/router/rest', '网关地址', 'Gateway address'),
  authorizeUrl: address('https://oauth.taobao.com/authorize', '授权地址', 'Authorisation address'),
  tokenUrl: address('https://oauth.taobao.com/token', '令牌地址', 'Token address'),
})

export type TaobaoApp = {
  appKey: string
  appSecret: string
  signMethod: SignMethod
  gatewayUrl: string
  authorizeUrl: string
  tokenUrl: string
}

/** The stored credentials with the production addresses where a shop names none. */
export function appOf(stored: Readonly<Record<string, string>>): TaobaoApp {
  const { properties } = credentials
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    signMethod: signMethods.find((method) => method === stored.signMethod) ?? 'hmac-sha256',
    gatewayUrl: stored.gatewayUrl || defaultOf(properties.gatewayUrl),
    authorizeUrl: stored.authorizeUrl || defaultOf(properties.authorizeUrl),
    tokenUrl: stored.tokenUrl || defaultOf(properties.tokenUrl),
  }
}

function defaultOf(field: object): string {
  return 'default' in field && typeof field.default === 'string' ? field.default : ''
}
