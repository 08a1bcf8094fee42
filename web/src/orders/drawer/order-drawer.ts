import { soon } from '../../ui/base/soon.tsx'

/** The order's drawer, for every list whose rows belong to an order. */
export const orderDrawer = soon(() => import('./order-drawer-page.tsx'))
