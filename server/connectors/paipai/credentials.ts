import { Type } from 'typebox'
import { addressField, secretField, valueOr } from '../credential-fields.ts'

/** The token belongs to one seller, whose QQ number goes with it, and to one application. It is copied from the console; no call renews it. */
export const credentials = Type.Object({
  uin: Type.String({
    title: '卖家 QQ 号',
    description: 'QQ number of the seller',
    pattern: '^\\d{5,19}$',
    maxLength: 19,
  }),
  appOAuthID: Type.String({
    title: 'appOAuthID',
    description: 'Application (appOAuthID)',
    pattern: '^\\d{1,19}$',
    maxLength: 19,
  }),
  oauthSecret: secretField('appOAuthkey', 'Key of the application (appOAuthkey)'),
  accessToken: secretField('accessToken', 'Access token'),
  apiUrl: addressField('https://api.paipai.com/', '接口地址', 'API address'),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  return {
    uin: stored.uin ?? '',
    appOAuthID: stored.appOAuthID ?? '',
    oauthSecret: stored.oauthSecret ?? '',
    accessToken: stored.accessToken ?? '',
    apiUrl: valueOr(stored.apiUrl, credentials.properties.apiUrl),
  }
}
