// Datagrams from a raw socket, as the bench's scenarios send them. flood SERVICES random|each FLOWS PACKETS OFFSET: with FLOWS < PACKETS each flow first sends "warm", which the
// server answers; then PACKETS datagrams go round robin. With FLOWS = PACKETS each opens a flow. Prints "SENT SECONDS": CPU time of this thread, on which the whole path runs.
// flood sink: the server on UDP port 8080; answers "warm" until 200 ms were silent, then reads no more.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#define BATCH 64
static struct { struct iphdr ip; struct udphdr udp; char data[18]; } __attribute__((packed)) packets[BATCH];
static double cpu(void) {
  struct rusage u; getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}
static int sink(void) {
  int s = socket(AF_INET, SOCK_DGRAM, 0), one = 1, reads = 1, got = 0;
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(8080)};
  setsockopt(s, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
  if (bind(s, (void *)&any, sizeof any)) return perror("bind"), 1;
  puts("ready"); fflush(stdout);
  for (;;) {
    struct pollfd p[2] = {{.fd = 0, .events = POLLIN}, {.fd = s, .events = POLLIN}};
    int r = poll(p, reads ? 2 : 1, got ? 200 : -1);
    if (p[0].revents) return 0;
    if (r == 0) { reads = got = 0; continue; }
    char text[64], control[256]; struct sockaddr_in from; struct iovec io = {text, sizeof text};
    struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(s, &m, MSG_DONTWAIT);
    if (n < 4 || memcmp(text, "warm", 4)) { if (n >= 0) reads = got = 0; continue; }
    got = 1; io.iov_len = n; text[0] = 'p';
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) if (h->cmsg_type == IP_PKTINFO) { struct in_pktinfo *i = (void *)CMSG_DATA(h); i->ipi_spec_dst = i->ipi_addr; i->ipi_ifindex = 0; }
    sendmsg(s, &m, 0);
  }
}
int main(int argc, char **argv) {
  if (argc == 2) return sink();
  if (argc < 6) return 2;
  long services = atol(argv[1]), flows = atol(argv[3]), count = atol(argv[4]); uint32_t offset = strtoul(argv[5], 0, 10);
  int isRandom = argv[2][0] == 'r', fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  struct mmsghdr mm[BATCH]; struct iovec io[BATCH]; struct sockaddr_in to[BATCH];
  memset(mm, 0, sizeof mm); memset(to, 0, sizeof to);
  for (int i = 0; i < BATCH; i++) {
    packets[i].ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = 17, .tot_len = htons(sizeof packets[i]), .frag_off = htons(0x4000)};
    packets[i].udp.dest = htons(80); packets[i].udp.len = htons(26);
    io[i] = (struct iovec){&packets[i], sizeof packets[i]}; to[i].sin_family = AF_INET;
    mm[i].msg_hdr = (struct msghdr){.msg_iov = &io[i], .msg_iovlen = 1, .msg_name = &to[i], .msg_namelen = sizeof to[i]};
  }
  double before = 0; long sent = 0;
  for (int pass = flows < count ? 0 : 1; pass < 2; pass++) {
    long wanted = pass ? count : flows;
    if (pass) { usleep(500000); before = cpu(); }
    for (int i = 0; i < BATCH; i++) memcpy(packets[i].data, pass ? "data" : "warm", 4);
    for (sent = 0; sent < wanted;) {
      int q = wanted - sent < BATCH ? wanted - sent : BATCH;
      for (int i = 0; i < q; i++) {
        uint32_t n = (sent + i) % flows + offset, h = n * 2654435761u; h ^= h >> 15; h *= 2246822519u; h ^= h >> 13;
        uint32_t s = isRandom ? h % services : n % services;
        packets[i].ip.saddr = htonl(0x0AF40003u + n / 60000); packets[i].udp.source = htons(2000 + n % 60000);
        packets[i].ip.daddr = to[i].sin_addr.s_addr = htonl(0x0A600000u + s);
      }
      int r = sendmmsg(fd, mm, q, 0);
      if (r <= 0) return perror("sendmmsg"), 1;
      sent += r;
      if (!pass) usleep(200);
    }
  }
  printf("%ld %.6f\n", sent, cpu() - before);
  return 0;
}
