import { Type } from 'typebox'
import { PlatformError } from '../../lib/platform-error.ts'
import { addressField, secretField, valueOr } from '../credential-fields.ts'
import { returnAddressKind } from './unverified.ts'

export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: secretField('AppSecret', 'App secret'),
  gatewayUrl: addressField('https://api.jd.com/routerjson', '网关地址', 'Gateway address'),
  oauthUrl: addressField('https://open-oauth.jd.com/oauth2/', '授权地址', 'Authorisation address'),
  // It does not name the application, so entering it keeps the authorisation.
  returnAddress: Type.Optional(
    Type.String({
      title: '退货地址：联系人，电话，邮编，省、市、区编号，详细地址',
      description:
        'Where goods come back: person, phone, postcode, JD’s numbers of province, city and district, address',
      maxLength: 300,
      setting: true,
    }),
  ),
})

/**
 * The address that an agreement to a return names. The platform has no call that gives it, and its places are the platform's own numbers. @throws
 * {PlatformError} if the form of the shop does not have it.
 */
export function returnAddressOf({ returnAddress = '' }: Readonly<Record<string, string>>) {
  const parts = returnAddress.split(/[,，]/).map((part) => part.trim())
  const [person = '', phone = '', zip = '', province = '', city = '', county = ''] = parts
  const address = parts.slice(6).join('，')
  const places = [province, city, county]
  if (
    !person ||
    !phone ||
    !/^\d{6}$/.test(zip) ||
    !places.every((place) => /^\d{1,9}$/.test(place)) ||
    !address
  )
    throw new PlatformError('rejected', 'return_address', 'The form of the shop has no address for returns.')
  return {
    returnContactName: person,
    returnContactTel: phone,
    returnZipcode: zip,
    returnProvince: province,
    returnCity: city,
    returnCounty: county,
    returnDetailAddress: address,
    returnAddressType: returnAddressKind,
  }
}

export function appOf(stored: Readonly<Record<string, string>>) {
  const { properties } = credentials
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    gatewayUrl: valueOr(stored.gatewayUrl, properties.gatewayUrl),
    oauthUrl: valueOr(stored.oauthUrl, properties.oauthUrl),
  }
}
