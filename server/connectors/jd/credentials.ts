import { Type } from 'typebox'
import { addressField, secretField, valueOr } from '../credential-fields.ts'

export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: secretField('AppSecret', 'App secret'),
  gatewayUrl: addressField('https://api.jd.com/routerjson', '网关地址', 'Gateway address'),
  oauthUrl: addressField('https://open-oauth.jd.com/oauth2/', '授权地址', 'Authorisation address'),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  const { properties } = credentials
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    gatewayUrl: valueOr(stored.gatewayUrl, properties.gatewayUrl),
    oauthUrl: valueOr(stored.oauthUrl, properties.oauthUrl),
  }
}
