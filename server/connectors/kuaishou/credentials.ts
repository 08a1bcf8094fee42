import { Type } from 'typebox'
import { addressField, optionalSecret, secretField, valueOr } from '../credential-fields.ts'

/** An application has two secrets: one for tokens, and one with which each call is signed. */
export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: secretField('AppSecret', 'App secret'),
  signSecret: secretField('Sign Secret', 'Sign secret'),
  gatewayUrl: addressField('https://openapi.kwaixiaodian.com/', '网关地址', 'Gateway address'),
  authorizeUrl: addressField(
    'https://open.kwaixiaodian.com/oauth/authorize',
    '授权地址',
    'Authorisation address',
  ),
  pushKey: optionalSecret(
    '消息密钥（消息服务的 privateKey，用推送时填）',
    'Key of the message service, for push',
  ),
  sfClientCode: Type.Optional(
    Type.String({
      title: '顺丰顾客编码（isvClientCode，取顺丰的快手电子面单时要，向顺丰要）',
      description: 'Customer code of SF (isvClientCode), for e-waybills of SF',
      maxLength: 64,
      setting: true,
    }),
  ),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  const { properties } = credentials
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    signSecret: stored.signSecret ?? '',
    pushKey: stored.pushKey ?? '',
    gatewayUrl: valueOr(stored.gatewayUrl, properties.gatewayUrl),
    authorizeUrl: valueOr(stored.authorizeUrl, properties.authorizeUrl),
  }
}
