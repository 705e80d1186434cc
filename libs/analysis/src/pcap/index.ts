export { pcapFiles } from './pcap.js';
