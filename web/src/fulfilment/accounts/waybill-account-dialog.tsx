import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { get } from '../../api.ts'
import { Segments } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { useShops } from '../../ui/base/session.ts'
import { Choice } from '../../ui/form/form.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import type { WaybillAccount, WaybillService } from '../types.ts'
import {
  AccountDialog,
  AccountWarehouse,
  lackingOfSender,
  SenderFields,
  useSaveAccount,
} from './account-dialog.tsx'
import { OwnAccountDialog, ownSourcesQuery } from './own-account-dialog.tsx'

type Form = {
  shopId: string
  /** Index of the chosen branch (网点) among the branches that the shop has subscribed to, as text; empty: none is chosen. */
  branch: string
  address: string
  template: string
  name: string
  mobile: string
  warehouseId: string
}

type Props = { account: WaybillAccount | undefined; onClose: () => void }
const ofPlatform = 'platform'

/** Adds a waybill account, of the shop's platform or of a source with credentials of its own, or changes one. */
export function WaybillAccountDialog({ account, onClose }: Props) {
  const say = useSay()
  const own = useQuery(ownSourcesQuery).data?.rows ?? []
  const [kind, setKind] = useState(ofPlatform)
  const isOwn = own.some(({ id }) => id === (account?.source ?? kind))
  const head = account === undefined && own.length > 0 && (
    <Segments
      label={say(['来源', 'Source'])}
      value={kind}
      options={[
        { value: ofPlatform, label: say(['店铺平台的电子面单', 'Waybills of the platform']) },
        ...own.map(({ id, name }) => ({ value: id, label: say(name) })),
      ]}
      onChange={setKind}
    />
  )
  const Form = isOwn ? OwnAccountDialog : PlatformAccountDialog
  return <Form account={account} head={head} onClose={onClose} />
}

/**
 * Adds a waybill account from the branches that the shop has subscribed to, or changes the sender of an account and whether it is enabled.
 */
function PlatformAccountDialog(props: Props & { head: ReactNode }) {
  const { account, onClose } = props
  const say = useSay()
  const shops = useShops()
  const [given, setForm] = useState<Form>({
    ...{ shopId: account?.shopId ?? '', branch: '', address: '0', template: '0' },
    ...{ name: '', mobile: '', warehouseId: account?.warehouseId ?? '' },
  })
  // The shops may be loaded after the dialog has opened; then the first one is chosen.
  const form = given.shopId === '' ? { ...given, shopId: shops[0]?.id ?? '' } : given
  const service = useQuery({
    queryKey: ['waybill-service', form.shopId],
    queryFn: () => get('/shops/:id/waybill-service', { id: form.shopId }),
    enabled: form.shopId !== '' && account === undefined,
    retry: false,
  })
  const chosen = chosenOf(service.data, form)
  const save = useSaveAccount((enabled) => bodyOf(account, chosen, form, enabled), onClose)
  return (
    <AccountDialog {...{ account, save, onClose }} why={whyNot(form, account, chosen)}>
      {props.head}
      {!account && (
        <>
          <Choice
            label={say(['店铺', 'Shop'])}
            value={form.shopId}
            options={shops.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(shopId) => setForm({ ...form, shopId, branch: '' })}
          />
          {service.error && <LoadError error={service.error} onRetry={() => void service.refetch()} />}
          {service.data && <ServiceFields service={service.data} form={form} onChange={setForm} />}
        </>
      )}
      <SenderFields {...{ account, form }} onChange={setForm} />
    </AccountDialog>
  )
}

type FieldsOf<More> = { form: Form; onChange: (form: Form) => void } & More

function ServiceFields({ service, form, onChange }: FieldsOf<{ service: WaybillService }>) {
  const say = useSay()
  const courier = useCourierName()
  const branch = service.branches[Number(form.branch || -1)]
  const left = (balance: number | null) =>
    balance === null
      ? say(['月结', 'monthly'])
      : say(['余 {n}', '{n} left'], { n: balance.toLocaleString('en') })
  return (
    <>
      <Choice
        label={say(['快递和网点', 'Courier and branch'])}
        value={form.branch}
        options={[
          { value: '', label: say(['选择…', 'Choose…']) },
          ...service.branches.map((one, at) => ({
            value: String(at),
            label: `${courier(one.courier)} · ${one.branchName} · ${left(one.balance)}`,
          })),
        ]}
        onChange={(value) => onChange({ ...form, branch: value, address: '0', template: '0' })}
      />
      {branch && (
        <>
          <Choice
            label={say(['发货地址', 'Address'])}
            value={form.address}
            options={branch.addresses.map((one, at) => ({
              value: String(at),
              label: Object.values(one).join(''),
            }))}
            onChange={(address) => onChange({ ...form, address })}
          />
          <div className="form-row">
            <Choice
              label={say(['面单', 'Label'])}
              value={form.template}
              options={templatesOf(service, branch.courier).map(({ name }, at) => ({
                value: String(at),
                label: name,
              }))}
              onChange={(template) => onChange({ ...form, template })}
            />
            <AccountWarehouse
              value={form.warehouseId}
              onChange={(warehouseId) => onChange({ ...form, warehouseId })}
            />
          </div>
        </>
      )}
    </>
  )
}

const templatesOf = (service: WaybillService, courier: string) =>
  service.templates.filter((template) => template.courier === courier)

function chosenOf(service: WaybillService | undefined, form: Form) {
  const branch = form.branch === '' ? undefined : service?.branches[Number(form.branch)]
  const address = branch?.addresses[Number(form.address)]
  const template = branch && service && templatesOf(service, branch.courier)[Number(form.template)]
  return branch && address && template && service
    ? { source: service.source, branch, address, template }
    : undefined
}

function bodyOf(
  account: WaybillAccount | undefined,
  chosen: ReturnType<typeof chosenOf>,
  form: Form,
  enabled: boolean,
) {
  if (account) {
    const { shopId, source, courier, branchCode, branchName, templateName, templateUrl, warehouseId } =
      account
    return {
      shopId,
      source,
      courier,
      branchCode,
      branchName,
      templateName,
      templateUrl,
      warehouseId,
      enabled,
    }
  }
  if (!chosen) throw new Error('No branch is chosen.')
  const { source, branch, address, template } = chosen
  const { courier, branchCode, branchName } = branch
  return {
    ...{ shopId: form.shopId, source, courier, branchCode, branchName, enabled },
    sender: { name: form.name.trim(), mobile: form.mobile, phone: '', address },
    ...{ templateName: template.name, templateUrl: template.url },
    warehouseId: form.warehouseId === '' ? null : form.warehouseId,
  }
}

function whyNot(
  form: Form,
  account: WaybillAccount | undefined,
  chosen: ReturnType<typeof chosenOf>,
): LocalizedPair | undefined {
  if (account) return undefined
  return chosen ? lackingOfSender(form) : ['先选快递和网点', 'Choose courier and branch first']
}
