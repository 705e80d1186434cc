/** Who makes which chains, by their names. What is not in the table has no known owner. */

export interface ComponentChains {
  readonly component: string;
  readonly chains: RegExp;
  /** Where the component names its chains. */
  readonly source: string;
}

/** The first that fits. */
export const COMPONENTS: readonly ComponentChains[] = [
  {
    component: 'kube-proxy',
    chains: /^KUBE-(SERVICES|EXTERNAL-SERVICES|NODEPORTS|POSTROUTING|MARK-MASQ|FORWARD|PROXY-FIREWALL|PROXY-CANARY|(SVC|SVL|SEP|EXT|FW|XLB)-[A-Z2-7]{16})$/,
    source: 'kubernetes pkg/proxy/iptables/proxier.go',
  },
  { component: 'kube-proxy', chains: /^KUBE-(LOAD-BALANCER|NODE-PORT|SOURCE-RANGES-FIREWALL|IPVS-FILTER|IPVS-OUT-FILTER)$/, source: 'kubernetes pkg/proxy/ipvs/proxier.go' },
  { component: 'kubelet', chains: /^KUBE-(FIREWALL|KUBELET-CANARY|MARK-DROP|IPTABLES-HINT)$/, source: 'kubernetes pkg/kubelet/kubelet_network_linux.go' },
  { component: 'kube-router', chains: /^KUBE-(ROUTER-|POD-FW-|NWPLCY-|NP-)/, source: 'kube-router pkg/controllers/netpol/network_policy_controller.go' },
  { component: 'hostport-manager', chains: /^KUBE-(HOSTPORTS$|HP-)/, source: 'kubernetes 1.23 pkg/kubelet/dockershim/network/hostport/hostport_manager.go, cri-o internal/hostport' },
  { component: 'portmap', chains: /^CNI-(HOSTPORT-|DN-|SN-)/, source: 'containernetworking/plugins plugins/meta/portmap/portmap_iptables.go' },
  { component: 'cni-firewall', chains: /^CNI-(FORWARD|ADMIN)$/, source: 'containernetworking/plugins plugins/meta/firewall/iptables.go' },
  { component: 'cni-ipmasq', chains: /^CNI-[0-9a-f]{24}$/, source: 'containernetworking/plugins pkg/utils/utils.go FormatChainName, pkg/ip/ipmasq_iptables_linux.go' },
  { component: 'calico-node', chains: /^cali-/, source: 'calico felix/rules/rule_defs.go' },
  { component: 'flanneld', chains: /^FLANNEL-(POSTRTG|FWD)$/, source: 'flannel pkg/trafficmngr/iptables/iptables.go' },
  { component: 'cilium-agent', chains: /^(OLD_)?CILIUM_/, source: 'cilium pkg/datapath/iptables/iptables.go' },
  { component: 'ip-masq-agent', chains: /^IP-MASQ(-AGENT)?$/, source: 'ip-masq-agent cmd/ip-masq-agent/ip-masq-agent.go' },
  { component: 'aws-vpc-cni', chains: /^AWS-(SNAT|CONNMARK)-CHAIN-/, source: 'amazon-vpc-cni-k8s pkg/networkutils/network.go' },
  { component: 'azure-npm', chains: /^AZURE-NPM/, source: 'azure-container-networking npm/util/const.go' },
  { component: 'antrea-agent', chains: /^ANTREA-/, source: 'antrea pkg/agent/route/route_linux.go' },
  { component: 'ovn-kubernetes', chains: /^OVN-KUBE-/, source: 'ovn-kubernetes go-controller/pkg/node/gateway_iptables.go' },
  { component: 'weave', chains: /^WEAVE/, source: 'weave net/ipam.go, npc/constants.go' },
  { component: 'istio', chains: /^ISTIO_/, source: 'istio tools/istio-iptables/pkg/constants/constants.go' },
  { component: 'docker', chains: /^DOCKER(-|$)/, source: 'moby daemon/libnetwork/drivers/bridge/setup_ip_tables_linux.go' },
];
