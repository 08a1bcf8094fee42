import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiError, errorText, get } from '../../api.ts'
import { type Region, RegionFields } from '../../ui/address/region-fields.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { useShops } from '../../ui/base/session.ts'
import { Choice, TextField } from '../../ui/form/form.tsx'
import { fieldsOf, isAbout, type SchemaField } from '../../ui/form/schema.ts'
import { SchemaForm } from '../../ui/form/schema-form.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import type { OwnSource, WaybillAccount } from '../types.ts'
import {
  AccountDialog,
  AccountWarehouse,
  InsuranceFields,
  insuranceBody,
  insuranceStart,
  lackingOfInsurance,
  lackingOfSender,
  SenderFields,
  useSaveAccount,
} from './account-dialog.tsx'

const payWords: Record<string, LocalizedPair> = {
  MONTHLY: ['月结', 'Monthly account'],
  SHIPPER: ['寄方付', 'Sender'],
  CONSIGNEE: ['到付', 'Receiver'],
  THIRDPARTY: ['第三方付', 'Third party'],
}

/** The sources whose accounts have credentials of their own. */
export const ownSourcesQuery = {
  queryKey: ['waybill-sources'],
  queryFn: () => get('/waybill-sources'),
  staleTime: Number.POSITIVE_INFINITY,
}

type Form = {
  shopId: string
  courier: string
  warehouseId: string
  credentials: Record<string, unknown>
  name: string
  mobile: string
  region: Region
  detail: string
  insureFrom: string
  insureMost: string
}

/**
 * Adds an account of a source that has its own credentials, such as 快递100, or changes one. Courier, account and warehouse of an account
 * stay; a secret and a sender that are left empty stay too.
 */
export function OwnAccountDialog(props: {
  account: WaybillAccount | undefined
  /** Chooses between the sources; undefined for an account that exists. */
  head?: ReactNode
  onClose: () => void
}) {
  const { account, onClose } = props
  const say = useSay()
  const shops = useShops()
  const sources = useQuery(ownSourcesQuery)
  const source = sources.data?.rows.find(({ id }) => account === undefined || id === account.source)
  const [given, setForm] = useState<Form>({
    ...{
      shopId: account?.shopId ?? '',
      courier: account?.courier ?? 'YTO',
      name: '',
      mobile: '',
      detail: '',
    },
    ...{ warehouseId: account?.warehouseId ?? '', region: { province: '', city: '', district: '' } },
    credentials: { ...account?.credentials.values },
    ...insuranceStart(account),
  })
  const form = given.shopId === '' ? { ...given, shopId: shops[0]?.id ?? '' } : given
  const fields = fieldsOf(source?.credentials)
  const save = useSaveAccount((enabled) => bodyOf(form, { account, source, fields, enabled }), onClose)
  const error = save.error instanceof ApiError ? save.error : undefined
  return (
    <AccountDialog
      {...{ account, save, onClose }}
      why={lackingIn(form, account, fields) ?? lackingOfInsurance(form)}
    >
      {props.head}
      {sources.error && <LoadError error={sources.error} onRetry={() => void sources.refetch()} />}
      <p className="t2 small">
        {say([
          '用自己和快递网点签的账号取号，只给收件人是明文的单（自建单、导入单）。平台订单的收件人加密，要用平台的电子面单。',
          'Numbers from your own account at a courier, for orders whose receiver is in plain text only. Platforms mask their receivers: use their own waybills for those.',
        ])}
      </p>
      {source && (
        <>
          {!account && <AccountFields form={form} source={source} onChange={setForm} />}
          <CredentialFields
            fields={fields}
            stored={account?.credentials.set}
            values={form.credentials}
            wrong={error?.field ? { field: error.field, text: errorText(error) } : undefined}
            onChange={(credentials) => setForm({ ...form, credentials })}
          />
        </>
      )}
      <SenderFields {...{ account, form }} onChange={setForm} />
      <div className="form-row">
        <RegionFields value={form.region} onChange={(region) => setForm({ ...form, region })} />
      </div>
      <TextField
        label={say(['发货地址', 'Address'])}
        value={form.detail}
        maxLength={200}
        onChange={(detail) => setForm({ ...form, detail })}
      />
      {source && <InsuranceFields {...{ form, services: source.services }} onChange={setForm} />}
    </AccountDialog>
  )
}

type FieldsOf<More> = { form: Form; onChange: (form: Form) => void } & More

function AccountFields({ form, source, onChange }: FieldsOf<{ source: OwnSource }>) {
  const say = useSay()
  const courier = useCourierName()
  const shops = useShops()
  return (
    <>
      <div className="form-row">
        <Choice
          label={say(['快递', 'Courier'])}
          value={form.courier}
          options={source.couriers.map((code) => ({ value: code, label: courier(code) }))}
          onChange={(code) => onChange({ ...form, courier: code })}
        />
        <AccountWarehouse
          value={form.warehouseId}
          onChange={(warehouseId) => onChange({ ...form, warehouseId })}
        />
      </div>
      <Choice
        label={say(['归哪个店铺管（各店铺的单都能用）', 'Kept with the shop (orders of all shops use it)'])}
        value={form.shopId}
        options={shops.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(shopId) => onChange({ ...form, shopId })}
      />
    </>
  )
}

/** Shows the fields that every courier wants first, and apart those that only some want or that are filled in already. */
function CredentialFields(props: {
  fields: readonly SchemaField[]
  /** The fields that are stored; undefined: the account is new. */
  stored: readonly string[] | undefined
  values: Record<string, unknown>
  wrong: { field: string; text: string } | undefined
  onChange: (values: Record<string, unknown>) => void
}) {
  const say = useSay()
  const { fields, stored, wrong } = props
  const isFirst = ({ name, required, initial }: SchemaField) =>
    (required && initial === undefined) || name === 'partnerKey'
  const first = fields.filter(isFirst)
  const more = fields.filter((field) => !isFirst(field))
  const form = {
    ...{ values: props.values, onChange: props.onChange, wrong, optionWords: payWords },
    stored: stored ?? [],
  }
  return (
    <>
      <SchemaForm {...form} fields={first.filter(({ name }) => !stored || name !== 'partnerId')} />
      <details className="form-more" open={more.some(({ name }) => wrong && isAbout(wrong.field, name))}>
        <summary className="t2">
          {say(['更多：有的快递还要的、产品类型、地址', 'More: what some couriers want, product, address'])}
        </summary>
        <div>
          <SchemaForm {...form} fields={more} />
        </div>
      </details>
    </>
  )
}

const isTyped = ({ name, mobile, region, detail }: Form) =>
  [name, mobile, region.province, detail].some((text) => text.trim() !== '')

/** Returns why the account cannot be saved yet; undefined: it can. */
function lackingIn(
  form: Form,
  account: WaybillAccount | undefined,
  fields: readonly SchemaField[],
): LocalizedPair | undefined {
  const missing = fields.find(
    ({ name, kind, required, initial }) =>
      required && initial === undefined && !form.credentials[name] && !(account && kind === 'secret'),
  )
  if (missing) return [`先填${missing.zh}`, `${missing.en} first`]
  if (account && !isTyped(form)) return undefined
  const lacking = lackingOfSender(form)
  if (lacking) return lacking
  if (form.region.province === '' || form.detail.trim() === '')
    return ['先填发货地址', 'Give the address first']
  return undefined
}

function bodyOf(
  form: Form,
  of: {
    account: WaybillAccount | undefined
    source: OwnSource | undefined
    fields: readonly SchemaField[]
    enabled: boolean
  },
) {
  const { account, source, fields, enabled } = of
  const typed = fields.flatMap(({ name }) => {
    const value = form.credentials[name]
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : []
  })
  const { province, city, district } = form.region
  const address = { province, city, district, town: '', detail: form.detail.trim() }
  const sender = { name: form.name.trim(), mobile: form.mobile, phone: '', address }
  return {
    ...{ shopId: form.shopId, source: source?.id ?? '', courier: form.courier, enabled },
    branchCode: account?.branchCode ?? String(form.credentials['partnerId'] ?? '').trim(),
    branchName: String(form.credentials['net'] ?? ''),
    ...(account && !isTyped(form) ? {} : { sender }),
    credentials: Object.fromEntries(typed),
    ...{ templateName: '', templateUrl: '' },
    warehouseId: form.warehouseId === '' ? null : form.warehouseId,
    ...insuranceBody(form),
  }
}
