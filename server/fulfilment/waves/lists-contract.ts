import { courierCodes } from '../../connectors/couriers.ts'
import { declareList } from '../../core/lists/declare-contract.ts'
import type { WaveView } from './contract.ts'
import { waveSortingWords, waveStatusWords } from './lifecycle.ts'

export const waveList = declareList<WaveView>()({
  name: 'waves',
  path: '/waves',
  title: ['波次', 'Waves'],
  permission: 'fulfilment.read',
  summary: 'Waves, the most urgent first',
  tab: 'running',
  tabs: {
    running: {
      words: ['进行中', 'Running'],
      empty: {
        title: ['没有进行中的波次', 'No wave is running'],
        remedy: ['按 N 按规则建波次。', 'Press N to make waves by the rules.'],
      },
    },
    today: { words: ['今天完成', 'Done today'] },
    stopped: {
      words: ['有拦截', 'Stopped'],
      empty: {
        title: ['没有拦下的篮子', 'No basket is stopped'],
        remedy: ['退款、挂起、改地址的单在这里。', 'Refunds, holds and new addresses show up here.'],
      },
    },
    all: { words: ['全部', 'All'] },
  },
  sorts: [],
  sort: '',
  filters: {
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses' },
    courier: { words: ['快递', 'Courier'], kind: 'choices', choices: courierCodes },
    q: { words: ['搜索', 'Search'], kind: 'text', hint: ['波次号开头', 'Beginning of its number'] },
  },
  columns: [
    { key: 'no', words: ['波次', 'Wave'], page: { width: '110px', fixed: true }, sheet: 12 },
    { key: 'status', words: ['状态', 'Status'], codes: waveStatusWords, page: { width: '90px' }, sheet: 10 },
    { key: 'ruleName', words: ['规则', 'Rule'], page: { width: 'minmax(110px,160fr)' }, sheet: 20 },
    { key: 'courier', words: ['快递', 'Courier'], codes: courierCodes, page: { width: '110px' }, sheet: 12 },
    {
      key: 'sorting',
      words: ['分货', 'Sorting'],
      codes: waveSortingWords,
      page: { width: 'minmax(110px,130fr)' },
      sheet: 16,
    },
    { key: 'orderCount', words: ['单', 'Parcels'], page: { width: '72px', align: 'right' }, sheet: 8 },
    { key: 'pieceCount', words: ['件', 'Pieces'], page: { width: '72px', align: 'right' }, sheet: 8 },
    { key: 'picked', words: ['已拣', 'Picked'], page: { width: '72px', align: 'right' }, sheet: 8 },
    { key: 'stopped', words: ['拦下', 'Stopped'], page: { width: '72px', align: 'right' }, sheet: 8 },
    { key: 'claimedBy', words: ['拣货人', 'Picker'], page: { width: '100px' }, sheet: 12 },
    {
      key: 'shipBy',
      words: ['最急', 'Most urgent'],
      kind: 'time',
      page: { width: '116px', align: 'right' },
      sheet: 20,
    },
    {
      key: 'createdAt',
      words: ['建于', 'Made at'],
      kind: 'time',
      page: { width: '116px', align: 'right' },
      sheet: 20,
    },
    { key: 'pickedAt', words: ['拣完', 'Picked at'], kind: 'time', sheet: 20 },
    { key: 'doneAt', words: ['完成', 'Done at'], kind: 'time', sheet: 20 },
  ],
})
