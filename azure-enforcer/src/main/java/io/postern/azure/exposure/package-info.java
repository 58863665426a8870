/**
 * Who can reach a machine in Azure through its groups and firewalls, and Defender's flow chart.
 * Pure.
 */
@NullMarked
package io.postern.azure.exposure;

import org.jspecify.annotations.NullMarked;
