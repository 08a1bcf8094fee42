import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { type PersonalPart, personalParts } from '../../../server/connectors/personal-parts.ts'
import { ApiError, errorText, get, patch, put } from '../api.ts'
import { pushText } from '../overview/coverage-text.ts'
import { WindowStrip } from '../tasks/window-strip.tsx'
import { Button } from '../ui/base/button.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { connectorsQuery, useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import { Check, TextField } from '../ui/form/form.tsx'
import { fieldsOf } from '../ui/form/schema.ts'
import { SchemaForm } from '../ui/form/schema-form.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { CopyBox } from '../users/copy-box.tsx'
import { useSay } from '../words.ts'
import { Authorise } from './authorise.tsx'
import { GoLiveForm } from './go-live.tsx'
import { Handouts } from './handouts.tsx'
import { relaysQuery } from './relays-query.ts'
import { TradeSheet } from './trade-sheet.tsx'
import type { ShopDetail } from './types.ts'
import '../overview/overview.css'
import './shops.css'
import '../tasks/tasks.css'

export default function ShopPage() {
  const say = useSay()
  const { shopId = '' } = useParams({ strict: false })
  const shop = useQuery({
    queryKey: ['/shops', shopId],
    queryFn: () => get('/shops/:id', { id: shopId }),
    // The state of push changes while the user waits for it.
    refetchInterval: every(10_000),
  })
  // The result of a check is about the keys that were checked, so storing new keys removes it.
  const [timesStored, setTimesStored] = useState(0)
  if (shop.error)
    return (
      <div className="page">
        <LoadError error={shop.error} onRetry={() => void shop.refetch()} />
      </div>
    )
  if (!shop.data) return <div className="page" aria-busy="true" />
  return (
    <div className="page">
      <PageHead
        title={shop.data.shop.name}
        sub={<PageLink to="/shops">{say(['全部店铺', 'All shops'])}</PageLink>}
      />
      <div className="scroll shop-page">
        <Section title={say(['授权', 'Authorisation'])}>
          <Authorise key={timesStored} shop={shop.data.shop} />
        </Section>
        <Sheets detail={shop.data} />
        <Push detail={shop.data} />
        <Relay detail={shop.data} />
        <WindowStrip stream="trades" shopId={shopId} />
        {shop.data.shop.coverage?.reason && (
          <span className="t2 small">{say(shop.data.shop.coverage.reason)}</span>
        )}
        <Section title={say(['上线时间', 'Go-live time'])}>
          <div className="form">
            <GoLive detail={shop.data} />
          </div>
        </Section>
        <Settings key={shop.data.shop.id} detail={shop.data} />
        <Keys
          key={`${shop.data.shop.id} keys`}
          detail={shop.data}
          onStored={() => setTimesStored((times) => times + 1)}
        />
      </div>
    </div>
  )
}

/** The sheets of a shop without an interface: trades in, parcels out. */
function Sheets({ detail: { shop } }: { detail: ShopDetail }) {
  const connector = useQuery(connectorsQuery).data?.rows.find(({ id }) => id === shop.platform)
  if (connector?.posted !== 'sheet' || shop.authState !== 'live') return null
  return (
    <>
      <TradeSheet shopId={shop.id} />
      <Handouts shopId={shop.id} />
    </>
  )
}

/** The state of push, with the reason if it does not work, and where the platform is to post its messages if it posts them. */
function Push({ detail: { shop, pushUrl } }: { detail: ShopDetail }) {
  const say = useSay()
  const connector = useQuery(connectorsQuery).data?.rows.find(({ id }) => id === shop.platform)
  if (!connector?.push || connector.posted === 'sheet') return null
  const push = shop.coverage?.push
  return (
    <Section title={say(['消息推送', 'Push'])}>
      <div className="row wrap">
        {push ? (
          <Status tone={push.live ? 'ok' : 'warn'}>{pushText(push, say)}</Status>
        ) : (
          <Status tone="ring">
            {shop.settings.push ? say(['还没连接', 'Not connected yet']) : say(['已关闭', 'Switched off'])}
          </Status>
        )}
        <span className="t2 small">
          {say([
            '平台一有变化就下载那一笔；没有推送时按列表下载，不会少单',
            'What changes on the platform is downloaded at once; without push the lists bring it, and nothing is missing',
          ])}
        </span>
      </div>
      {pushUrl && (shop.settings.push || connector.posted === 'door') && (
        <>
          <CopyBox text={pushUrl} label={say(['推送地址', 'Address for push'])} />
          <span className="t2 small">
            {connector.posted === 'door'
              ? say([
                  '商城把交易发到 /trades，退款发到 /refunds；用接口密钥，权限只要「推送自有商城的交易和退款」，店铺只选这一个',
                  'The mall posts trades to /trades below it, and refunds to /refunds. It needs an API key with the permission “Post trades and refunds of an own shop” alone, for this shop only',
                ])
              : say([
                  '填到平台后台的消息订阅里；平台给的密钥填在下面「应用密钥」里',
                  'Enter it where messages are subscribed on the platform; a key that it gives goes into the credentials below',
                ])}
          </span>
        </>
      )}
    </Section>
  )
}

/** The relay through which the shop is called, and the facts that it keeps back. Other shops have none. */
function Relay({ detail: { shop } }: { detail: ShopDetail }) {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('shops.write')
  const relay = useQuery({
    ...relaysQuery,
    enabled: shop.relayId !== null,
    refetchInterval: every(10_000),
  }).data?.rows.find(({ id }) => id === shop.relayId)
  const save = useMutation({
    mutationFn: (withheld: PersonalPart[]) =>
      patch('/shops/:id', { settings: { withheld } }, { id: shop.id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/shops'] }),
    onError: toastError,
  })
  if (shop.relayId === null) return null
  const { withheld } = shop.settings
  return (
    <Section title={say(['中继', 'Relay'])}>
      <div className="row wrap">
        <Status tone={relay?.live ? 'ok' : 'warn'}>
          {relay ? relay.name : say(['中继不在', 'The relay is gone'])}
        </Status>
        <span className="t2 small">
          {say([
            '平台的请求由中继代发，应用密钥只在中继上。勾选的内容不出平台的云，这里显示 ***；中继自己的设置里写的也不出。',
            'The relay makes the calls and alone has the secrets of the app. What is ticked does not leave the cloud of the platform and shows as ***; so does what the relay’s own settings name.',
          ])}
        </span>
      </div>
      {why === undefined &&
        parts.map((part) => (
          <Check
            key={part}
            label={say(personalParts[part])}
            checked={withheld.includes(part)}
            disabled={save.isPending}
            onChange={(on) => save.mutate(on ? [...withheld, part] : withheld.filter((one) => one !== part))}
          />
        ))}
    </Section>
  )
}

const parts = Object.keys(personalParts) as PersonalPart[]

function GoLive({ detail }: { detail: ShopDetail }) {
  const say = useSay()
  const why = useAllowed()('shops.write')
  return (
    <GoLiveForm shops={[detail.shop]}>
      {({ run, busy, wrong }) => (
        <div>
          <Button
            busy={busy}
            why={why ?? (wrong ? say(['时间写得不对', 'The time is not right']) : undefined)}
            onClick={() =>
              run(() => toast('ok', say(['上线时间已改，交易重新判断', 'Changed; trades are checked again'])))
            }
          >
            {say(['改上线时间', 'Change the go-live time'])}
          </Button>
        </div>
      )}
    </GoLiveForm>
  )
}

type Edits = { name?: string; enabled?: boolean; settings?: Partial<ShopDetail['shop']['settings']> }

/** Only what the user changes is sent, so that saving keeps what other users, and the checks of the relay, have changed meanwhile. */
function useShopEdits(shopId: string) {
  const say = useSay()
  const queries = useQueryClient()
  const [edits, setEdits] = useState<Edits>({})
  const set = (part: Edits['settings']) => setEdits({ ...edits, settings: { ...edits.settings, ...part } })
  const save = useMutation({
    mutationFn: (sent: Edits) =>
      patch(
        '/shops/:id',
        { ...sent, ...(sent.name === undefined ? {} : { name: sent.name.trim() }) },
        { id: shopId },
      ),
    onSuccess: async (_, sent) => {
      toast('ok', say(['已保存', 'Saved']))
      await queries.invalidateQueries()
      setEdits((now) => (now === sent ? {} : now))
    },
  })
  return { edits, setEdits, set, save }
}

function Settings({ detail }: { detail: ShopDetail }) {
  const say = useSay()
  const why = useAllowed()('shops.write')
  const { shop } = detail
  const { edits, setEdits, set, save } = useShopEdits(shop.id)
  const settings = { ...shop.settings, ...edits.settings }
  const connector = useQuery(connectorsQuery).data?.rows.find(({ id }) => id === shop.platform)
  const rate = (key: 'requestsPerSecond' | 'concurrentRequests', label: string) => (
    <TextField
      label={label}
      inputMode="numeric"
      value={settings[key] === null ? '' : String(settings[key])}
      placeholder={say(['平台默认', "The platform's usual"])}
      onChange={(typed) => set({ [key]: /^\d+$/.test(typed) ? Number(typed) : null })}
    />
  )
  return (
    <Section title={say(['设置', 'Settings'])}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(edits)
        }}
      >
        <TextField
          label={say(['店铺名称', 'Name'])}
          value={edits.name ?? shop.name}
          onChange={(name) => setEdits({ ...edits, name })}
          maxLength={60}
        />
        <Check
          label={say(['启用：下载、转单、回写', 'On: download, convert, write back'])}
          checked={edits.enabled ?? shop.enabled}
          onChange={(enabled) => setEdits({ ...edits, enabled })}
        />
        <Check
          label={say(['未付款也可转，订单等付款', 'Convert unpaid trades; the order waits for the payment'])}
          checked={settings.convertUnpaid}
          onChange={(convertUnpaid) => set({ convertUnpaid })}
        />
        {connector?.cannot.reportCancel ? (
          <p className="t2 small">{say(connector.cannot.reportCancel)}</p>
        ) : (
          <Check
            label={say([
              '上报取消发货：订单因退款停下后告诉平台，平台会自动退款',
              'Report cancels: the platform hears that an order was stopped, and refunds automatically',
            ])}
            checked={settings.reportCancels}
            onChange={(reportCancels) => set({ reportCancels })}
          />
        )}
        <Check
          label={say([
            '高峰模式：平台不回答退款状态时也照发，一直在问（不开：静默 10 分钟后停发）',
            'Peak mode: ship though the platform does not say whether there are refunds, and go on asking (off: stop after 10 silent minutes)',
          ])}
          checked={settings.shipUnasked}
          onChange={(shipUnasked) => set({ shipUnasked })}
        />
        {connector?.push && connector.posted !== 'sheet' && (
          <Check
            label={say([
              '消息推送：平台的消息一来就下载那笔交易或退款',
              'Push: download a trade or refund as soon as the platform sends a message',
            ])}
            checked={settings.push}
            onChange={(push) => set({ push })}
          />
        )}
        {rate('requestsPerSecond', say(['每秒请求数', 'Requests per second']))}
        {rate('concurrentRequests', say(['同时请求数', 'Requests at once']))}
        {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
        <div>
          <Button type="submit" why={why} busy={save.isPending}>
            {say(shared.save)}
          </Button>
        </div>
      </form>
    </Section>
  )
}

function Keys({ detail, onStored }: { detail: ShopDetail; onStored: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('shops.write')
  const connector = useQuery(connectorsQuery).data?.rows.find((each) => each.id === detail.shop.platform)
  // Users who may not change the shop do not get its values; the values that are usual on the platform would look like the shop's own.
  const { relayId } = detail.shop
  const fields = fieldsOf(connector?.credentials)
    .filter((field) => relayId === null || field.kind !== 'secret')
    .map((field) => (why === undefined ? field : { ...field, initial: undefined }))
  const [values, setValues] = useState<Record<string, unknown>>({ ...detail.credentials?.values })
  const save = useMutation({
    mutationFn: () =>
      put(
        '/shops/:id/credentials',
        Object.fromEntries(
          Object.entries(values)
            .filter(([, value]) => value !== '')
            .map(([key, value]) => [key, String(value)]),
        ),
        { id: detail.shop.id },
      ),
    onSuccess: () => {
      toast('ok', say(['密钥已保存', 'Keys stored']))
      onStored()
      return queries.invalidateQueries({ queryKey: ['/shops'] })
    },
  })
  const error = save.error instanceof ApiError ? save.error : undefined
  const isOfSheets = connector?.posted === 'sheet'
  return (
    <Section title={say(isOfSheets ? ['渠道', 'Channel'] : ['应用密钥', 'Keys of the app'])}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <SchemaForm
          fields={fields}
          values={values}
          onChange={setValues}
          stored={detail.credentials?.set ?? []}
          wrong={error?.field ? { field: error.field, text: errorText(error) } : undefined}
        />
        {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
        <div>
          <Button type="submit" why={why} busy={save.isPending}>
            {say(isOfSheets ? shared.save : ['保存密钥', 'Store the keys'])}
          </Button>
        </div>
      </form>
    </Section>
  )
}
